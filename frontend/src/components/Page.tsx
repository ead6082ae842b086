import { Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "~/components/Page.module.css";

interface Props {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every page but explore: a title, what it is for, what to do here. */
export function Page({ title, lead, actions, children }: Props) {
  return (
    <div className={classes["root"]}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="md">
        <div>
          <Title order={1}>{title}</Title>
          {lead ? (
            <Text size="sm" c="dimmed" mt={2}>
              {lead}
            </Text>
          ) : null}
        </div>
        {actions ? (
          <Group gap="xs" wrap="nowrap">
            {actions}
          </Group>
        ) : null}
      </Group>
      {children}
    </div>
  );
}
