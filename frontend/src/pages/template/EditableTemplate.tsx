import { Menu, Text } from "@mantine/core";

import { useEdit, type Story } from "~/api/templates";
import classes from "~/pages/template/Template.module.css";
import { CATEGORIES, categoryOf } from "~/text/categories";
import { templateParts, type Part } from "~/text/templateWords";

/** The template's text: each variable and each word opens a menu of what can be corrected. */
export function EditableTemplate({ story }: { story: Story }) {
  const edit = useEdit(story.source, story.id);
  const disabled = edit.isPending || story.became !== "";
  const props = { edit, disabled };
  return (
    <section aria-label="Template text">
      <div className={classes["text"]} data-busy={edit.isPending}>
        {templateParts(story.text).map((part, index) =>
          part.kind === "variable" ? (
            <VariableMenu key={index} part={part} story={story} {...props} />
          ) : part.kind === "word" ? (
            <WordMenu key={index} part={part} {...props} />
          ) : (
            part.text
          ),
        )}
      </div>
      <Text size="xs" c="dimmed" mt={6}>
        Click a variable to say what it means or to make it constant; click a word to make it vary.
        Earlier and later lines follow at once, and all of it can be undone below.
      </Text>
      {edit.isError ? (
        <Text size="sm" c="red" mt={6} role="alert">
          {edit.error.message}
        </Text>
      ) : null}
    </section>
  );
}

interface PartProps {
  part: Part;
  edit: ReturnType<typeof useEdit>;
  disabled: boolean;
}

function VariableMenu({ part, story, edit, disabled }: PartProps & { story: Story }) {
  const variable = part.variable ?? 0;
  const found = story.variables[variable];
  const category = categoryOf(found?.category ?? "other");
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <button
          type="button"
          className={`${classes["part"]} ${classes["tag"]}`}
          data-family={category.family}
          disabled={disabled}
          aria-label={`Variable ${variable + 1}: ${category.label}`}
        >
          {category.label}
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        <Menu.Label>What this variable means</Menu.Label>
        {CATEGORIES.filter((one) => one.name !== category.name).map((one) => (
          <Menu.Item
            key={one.code}
            onClick={() => edit.mutate({ kind: "category", variable, category: one.name as "other" })}
          >
            <Text size="sm">{one.label}</Text>
            <Text size="xs" c="dimmed">
              {one.teaches}
            </Text>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => edit.mutate({ kind: "constant", variable })}>
          <Text size="sm">Make it constant</Text>
          <Text size="xs" c="dimmed">
            Each of its values becomes a template of its own
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function WordMenu({ part, edit, disabled }: PartProps) {
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <button
          type="button"
          className={classes["part"]}
          disabled={disabled}
          aria-label={`Word ${part.text}`}
        >
          {part.text}
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        <Menu.Label>Make “{part.text}” a variable</Menu.Label>
        {CATEGORIES.map((one) => (
          <Menu.Item
            key={one.code}
            onClick={() =>
              edit.mutate({
                kind: "variable",
                start: part.start ?? 0,
                end: part.end ?? 0,
                category: one.name as "other",
              })
            }
          >
            <Text size="sm">{one.label}</Text>
            <Text size="xs" c="dimmed">
              {one.teaches}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
