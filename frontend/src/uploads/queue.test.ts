import { expect, test } from "vitest";

import { newUpload, reduceUploads, sourceNameFor, speedOf, type Upload } from "~/uploads/queue";

const start = (): Upload[] => [
  newUpload("a", "hdfs", new File(["12345"], "a.log")),
  newUpload("b", "hdfs", new File(["1"], "b.log")),
];

test("progress concerns one upload and gives its speed", () => {
  let uploads = reduceUploads(start(), { kind: "started", id: "a", nowMs: 1000 });
  uploads = reduceUploads(uploads, { kind: "progressed", id: "a", sentBytes: 4, nowMs: 3000 });
  expect(uploads.map((upload) => upload.sentBytes)).toEqual([4, 0]);
  expect(speedOf(uploads[0] ?? newUpload("", "", new File([], "")))).toBe(2);
});

test("a retry forgets the error and starts from the first byte", () => {
  let uploads = reduceUploads(start(), { kind: "failed", id: "a", error: "disk full" });
  expect(uploads[0]).toMatchObject({ state: "failed", error: "disk full" });
  uploads = reduceUploads(uploads, { kind: "retried", id: "a" });
  expect(uploads[0]).toMatchObject({ state: "waiting", sentBytes: 0 });
  expect(uploads[0]).not.toHaveProperty("error");
});

test("clearing keeps what is still under way", () => {
  const uploads = reduceUploads(start(), { kind: "cancelled", id: "a" });
  expect(reduceUploads(uploads, { kind: "cleared" }).map((upload) => upload.id)).toEqual(["b"]);
});

test("file names suggest source names", () => {
  expect(sourceNameFor("HDFS_2k.log.gz")).toBe("hdfs_2k");
  expect(sourceNameFor("my app (1).txt")).toBe("my-app-1");
  expect(sourceNameFor(".log")).toBe("upload");
});
