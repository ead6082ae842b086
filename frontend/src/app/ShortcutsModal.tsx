import { Kbd, Modal, Text } from "@mantine/core";

import classes from "~/app/ShortcutsModal.module.css";

const GROUPS = [
  {
    title: "Anywhere",
    keys: [
      { keys: ["?"], does: "This list" },
      { keys: ["g", "e"], does: "Explore" },
      { keys: ["g", "p"], does: "Patterns" },
      { keys: ["g", "n"], does: "Anomalies" },
      { keys: ["g", "s"], does: "Sources" },
      { keys: ["g", "t"], does: "Triage" },
      { keys: ["g", "a"], does: "Alerts" },
      { keys: ["g", "r"], does: "Reports" },
      { keys: ["g", "u"], does: "Upload" },
      { keys: ["g", "j"], does: "Jobs" },
    ],
  },
  {
    title: "Explore",
    keys: [
      { keys: ["/"], does: "Write a query" },
      { keys: ["Enter"], does: "Run the query" },
      { keys: ["j"], does: "Next record" },
      { keys: ["k"], does: "Previous record" },
      { keys: ["Enter"], does: "Open or close the record" },
      { keys: ["c"], does: "Copy the record" },
      { keys: ["Esc"], does: "Close; leave the query" },
      { keys: ["z"], does: "Zoom out to all time" },
    ],
  },
  {
    title: "Anomalies",
    keys: [
      { keys: ["j"], does: "Next anomaly" },
      { keys: ["k"], does: "Previous anomaly" },
      { keys: ["a"], does: "Acknowledge" },
      { keys: ["c"], does: "Confirm the pattern" },
      { keys: ["f"], does: "False alarm" },
      { keys: ["m"], does: "Mute the pattern" },
      { keys: ["o"], does: "Take it back" },
    ],
  },
  {
    title: "Triage",
    keys: [
      { keys: ["j"], does: "Next pattern" },
      { keys: ["k"], does: "Previous pattern" },
      { keys: ["1"], does: "First label, and so on" },
      { keys: ["u"], does: "Take the last verdict back" },
    ],
  },
  {
    title: "Query",
    keys: [
      { keys: ["Tab"], does: "Take the suggestion" },
      { keys: ["Ctrl", "Space"], does: "Suggest" },
    ],
  },
];

export function ShortcutsModal({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="lg">
      <div className={classes["groups"]}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <Text fw={600} size="sm" mb={6}>
              {group.title}
            </Text>
            <dl className={classes["list"]}>
              {group.keys.map((item) => (
                <div key={item.does} className={classes["item"]}>
                  <dt>{item.does}</dt>
                  <dd>
                    {item.keys.map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
