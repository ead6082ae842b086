import type { Hit, Variable } from "~/api/types";
import classes from "~/components/record/RecordDetail.module.css";
import { ValueTools } from "~/components/record/ValueTools";
import { stanceOf } from "~/query/clauses";
import { categoryOf } from "~/text/categories";
import tags from "~/text/TemplateText.module.css";
import { visiblePieces } from "~/text/visible";

interface Props {
  hit: Hit;
  query: string;
  onInclude: (field: string, value: string) => void;
  onExclude: (field: string, value: string) => void;
}

/** The variables of a record, in order, each with what it is and what to do with it. */
export function VariableTable({ hit, ...rest }: Props) {
  return (
    <section>
      <h3 className={classes["heading"]}>Variables</h3>
      {hit.variables.length === 0 ? (
        <p className={classes["none"]}>This record is constant: nothing in it varies.</p>
      ) : (
        <table className={classes["table"]}>
          <tbody>
            {hit.variables.map((variable) => (
              <VariableRow key={variable.start} variable={variable} {...rest} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface RowProps extends Omit<Props, "hit"> {
  variable: Variable;
}

function VariableRow({ variable, query, onInclude, onExclude }: RowProps) {
  const category = categoryOf(variable.category);
  const shown = visiblePieces(variable.value, false)
    .map((piece) => piece.text)
    .join("");
  return (
    <tr>
      <th scope="row">
        <span className={tags["tag"]} data-family={category.family} title={category.teaches}>
          {category.label}
        </span>
      </th>
      <td className={classes["value"]}>{shown}</td>
      <td className={classes["tools"]}>
        <ValueTools
          name={category.label}
          value={variable.value}
          stance={stanceOf(query, category.name, variable.value)}
          onInclude={() => onInclude(category.name, variable.value)}
          onExclude={() => onExclude(category.name, variable.value)}
        />
      </td>
    </tr>
  );
}
