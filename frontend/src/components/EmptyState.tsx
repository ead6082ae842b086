import { Stack, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

import classes from "~/components/EmptyState.module.css";

interface Props {
  icon: Icon;
  title: string;
  tone?: "calm" | "error";
  children?: ReactNode;
}

export function EmptyState({ icon: Sign, title, tone = "calm", children }: Props) {
  return (
    <Stack align="center" gap="sm" className={classes["root"]}>
      <span className={classes["sign"]} data-tone={tone}>
        <Sign size={22} stroke={1.6} aria-hidden />
      </span>
      <Title order={2} ta="center">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
