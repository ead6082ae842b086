import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";

import type { SearchPage } from "~/api/types";

/** The search as the explorer's parts share it. */
export type HitPages = UseInfiniteQueryResult<InfiniteData<SearchPage>>;
