import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { sessionQuery } from "~/api/queries";
import { Shell } from "~/app/Shell";
import { ProblemState } from "~/components/ProblemState";
import { SignInPage } from "~/pages/signin/SignInPage";
import { UploadProvider } from "~/uploads/UploadProvider";

/** The session gate. Signing in happens in place, so a deep link leads where it points. */
export function App() {
  const session = useQuery(sessionQuery);
  if (session.isPending) {
    return (
      <Center component="main" h="100vh" aria-busy="true">
        <Loader size="sm" aria-label="Loading" />
      </Center>
    );
  }
  if (session.isError) {
    return (
      <Center component="main" h="100vh">
        <ProblemState error={session.error} onRetry={() => void session.refetch()} />
      </Center>
    );
  }
  if (session.data === null) return <SignInPage />;
  return (
    <UploadProvider>
      <Shell session={session.data} />
    </UploadProvider>
  );
}
