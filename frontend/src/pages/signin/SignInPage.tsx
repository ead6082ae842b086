import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";

import { api, ApiError } from "~/api/client";
import { sessionQuery } from "~/api/queries";
import { Mark } from "~/components/Mark";
import classes from "~/pages/signin/SignInPage.module.css";

interface Credentials {
  username: string;
  password: string;
}

function wordsFor(error: Error): string {
  if (error instanceof ApiError && [400, 401, 403].includes(error.status)) {
    return error.problem.detail ?? "The name or the password is wrong.";
  }
  return error.message;
}

export function SignInPage() {
  const client = useQueryClient();
  const [credentials, setCredentials] = useState<Credentials>({ username: "", password: "" });
  const signIn = useMutation({
    mutationFn: (body: Credentials) => api.post("/session", body),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    signIn.mutate(credentials);
  };
  return (
    <main className={classes["root"]}>
      <form className={classes["card"]} onSubmit={submit}>
        <Stack gap="md">
          <Mark size={36} />
          <div>
            <Title order={1}>Sign in</Title>
            <Text size="sm" c="dimmed" mt={4}>
              The first start printed an account in its terminal.
            </Text>
          </div>
          {signIn.isError ? (
            <Alert color="red" variant="light" role="alert">
              {wordsFor(signIn.error)}
            </Alert>
          ) : null}
          <TextInput
            label="User name"
            size="sm"
            autoComplete="username"
            autoFocus
            required
            value={credentials.username}
            onChange={(event) =>
              setCredentials({ ...credentials, username: event.currentTarget.value })
            }
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={credentials.password}
            onChange={(event) =>
              setCredentials({ ...credentials, password: event.currentTarget.value })
            }
          />
          <Button type="submit" size="sm" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
    </main>
  );
}
