import { Kbd, UnstyledButton } from "@mantine/core";
import { Link, Outlet } from "@tanstack/react-router";
import { useState } from "react";

import type { Session } from "~/api/types";
import { useGlobalKeys } from "~/app/globalKeys";
import classes from "~/app/Shell.module.css";
import { ShortcutsModal } from "~/app/ShortcutsModal";
import { UploadBadge } from "~/app/UploadBadge";
import { UserMenu } from "~/app/UserMenu";
import { Mark } from "~/components/Mark";
import { PageDrop } from "~/uploads/PageDrop";

const PLACES = [
  { to: "/explore", label: "Explore" },
  { to: "/patterns", label: "Patterns" },
  { to: "/anomalies", label: "Anomalies" },
  { to: "/sources", label: "Sources" },
  { to: "/triage", label: "Triage" },
  { to: "/alerts", label: "Alerts" },
  { to: "/reports", label: "Reports" },
  { to: "/upload", label: "Upload" },
  { to: "/jobs", label: "Jobs" },
] as const;

export function Shell({ session }: { session: Session }) {
  const [helpOpen, setHelpOpen] = useState(false);
  useGlobalKeys(() => setHelpOpen(true));
  return (
    <div className={classes["root"]}>
      <a className={classes["skip"]} href="#main">
        Skip to content
      </a>
      <header className={classes["header"]}>
        <Link to="/sources" className={classes["brand"]} aria-label="Logplatform, home">
          <Mark size={22} />
          <span>Logplatform</span>
        </Link>
        <nav className={classes["nav"]} aria-label="Pages">
          {PLACES.map((place) => (
            <Link key={place.to} to={place.to} className={classes["link"]}>
              {place.label}
              {place.to === "/upload" ? <UploadBadge /> : null}
            </Link>
          ))}
        </nav>
        <div className={classes["end"]}>
          <UnstyledButton
            className={classes["help"]}
            onClick={() => setHelpOpen(true)}
            aria-label="Keyboard shortcuts"
          >
            <Kbd size="xs">?</Kbd>
          </UnstyledButton>
          <UserMenu session={session} />
        </div>
      </header>
      <main id="main" className={classes["main"]} tabIndex={-1}>
        <Outlet />
      </main>
      <PageDrop />
      <ShortcutsModal opened={helpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
