import { Button, Text, Title } from "@mantine/core";
import { IconFileUpload, IconPlugConnected, IconSparkles, type Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { LinkButton } from "~/components/links";
import classes from "~/pages/sources/FirstSteps.module.css";
import { SampleButtons } from "~/pages/sources/SampleLogs";

/** What a platform without a line shows: the three ways to the first one. */
export function FirstSteps({ onCreate }: { onCreate: () => void }) {
  return (
    <div className={classes["root"]}>
      <Step icon={IconFileUpload} title="Drop a log file">
        <Text size="sm" c="dimmed">
          Anywhere on this page. Plain, gzip, zstd, bzip2 or xz; the format is found from its first
          lines.
        </Text>
        <LinkButton to="/upload">
          Choose files
        </LinkButton>
      </Step>
      <Step icon={IconSparkles} title="Try with sample logs">
        <Text size="sm" c="dimmed">
          Made by running real software. One click, and there are patterns to look at.
        </Text>
        <SampleButtons present={[]} />
      </Step>
      <Step icon={IconPlugConnected} title="Connect an agent">
        <Text size="sm" c="dimmed">
          Create a source and its token; the next page has the lines to paste for curl, Fluent Bit
          and Vector.
        </Text>
        <Button variant="default" onClick={onCreate}>
          New source
        </Button>
      </Step>
    </div>
  );
}

function Step({ icon: Sign, title, children }: { icon: Icon; title: string; children: ReactNode }) {
  return (
    <section className={classes["step"]}>
      <Sign size={22} stroke={1.6} aria-hidden className={classes["sign"]} />
      <Title order={2}>{title}</Title>
      {children}
    </section>
  );
}
