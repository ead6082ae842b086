import { Skeleton, Stack } from "@mantine/core";

/** Rows to come, in their height, so that nothing jumps when they do. */
export function TableSkeleton({ rows, height = 36 }: { rows: number; height?: number }) {
  return (
    <Stack gap={6} aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} radius="sm" />
      ))}
    </Stack>
  );
}
