/** Mantine's controls as the router's links: typed targets, preloaded on hover. */

import { ActionIcon, Button, Menu } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

export const LinkButton = createLink(Button<"a">);
export const LinkAction = createLink(ActionIcon<"a">);
export const LinkMenuItem = createLink(Menu.Item<"a">);
