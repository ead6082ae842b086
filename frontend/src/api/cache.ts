import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { ApiError } from "~/api/client";
import { sessionQuery } from "~/api/queries";

/** A 401 anywhere ends the session here: the sign-in form takes the page's place, its URL stays. */
function onError(error: Error): void {
  if (error instanceof ApiError && error.status === 401) {
    queryClient.setQueryData(sessionQuery.queryKey, null);
  }
}

const RETRIES = 2;

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // What the server refused it will refuse again; only its absence is worth a second try.
      retry: (failures, error) =>
        failures < RETRIES &&
        error instanceof ApiError &&
        (error.status === 0 || error.status === 503),
      refetchOnWindowFocus: false,
    },
  },
});
