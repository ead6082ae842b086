import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { say, type Word } from "~/api/anomalies";

interface Said {
  id: number;
  word: Word;
}

/** Say something of an anomaly; every list and page that shows it asks again. */
export function useSay() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, word }: Said) => say(id, word),
    onSuccess: (anomaly) => client.setQueryData(["anomaly", String(anomaly.id)], anomaly),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ["anomalies"] }),
  });
}
