import { Menu, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import {
  IconCheck,
  IconChevronDown,
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "~/api/client";
import { sessionQuery } from "~/api/queries";
import type { Session } from "~/api/types";
import { LinkMenuItem } from "~/components/links";
import classes from "~/app/UserMenu.module.css";

const SCHEMES = [
  { value: "auto", label: "As the system", icon: IconDeviceDesktop },
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
] as const;

export function UserMenu({ session }: { session: Session }) {
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useMutation({
    mutationFn: () => api.delete("/session"),
    onSuccess: () => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, null);
    },
  });
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <UnstyledButton className={classes["button"]}>
          <span>{session.user.username}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.user.role} of {session.team}
        </Menu.Label>
        <LinkMenuItem to="/settings" leftSection={<IconSettings size={15} />}>
          Tokens and settings
        </LinkMenuItem>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {SCHEMES.map((scheme) => (
          <SchemeItem
            key={scheme.value}
            scheme={scheme}
            active={colorScheme === scheme.value}
            onChoose={setColorScheme}
          />
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface SchemeItemProps {
  scheme: (typeof SCHEMES)[number];
  active: boolean;
  onChoose: (scheme: MantineColorScheme) => void;
}

function SchemeItem({ scheme, active, onChoose }: SchemeItemProps) {
  const Sign = scheme.icon;
  return (
    <Menu.Item
      leftSection={<Sign size={15} />}
      rightSection={active ? <IconCheck size={14} aria-label="chosen" /> : null}
      onClick={() => onChoose(scheme.value)}
    >
      {scheme.label}
    </Menu.Item>
  );
}
