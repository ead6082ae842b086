import { useQuery } from "@tanstack/react-query";

import { samplesQuery } from "~/api/queries";
import { plural } from "~/format/numbers";
import classes from "~/pages/explore/Toolbar.module.css";
import type { Explore } from "~/pages/explore/useExplore";

/** On a sample and before the first query: searches that are known to show something. */
export function WorthTrying({ explore }: { explore: Explore }) {
  const samples = useQuery(samplesQuery);
  const sample = samples.data?.find((item) => item.name === explore.search.source);
  if (!sample || explore.query !== "") return null;
  return (
    <div className={classes["try"]}>
      <span>Worth trying</span>
      <ul>
        {sample.searches.map((search) => (
          <li key={search.query}>
            <button
              type="button"
              title={`Shows ${search.shows}: ${plural(search.hits, "record")}`}
              onClick={() => explore.run(search.query)}
            >
              {search.query}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
