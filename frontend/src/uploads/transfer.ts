/** One file to the server. XMLHttpRequest, because `fetch` tells nothing while a body goes up. */

import { ApiError, apiUrl, csrfToken, problemOf } from "~/api/client";
import type { UploadResult } from "~/api/types";

interface Target {
  source: string;
  file: File;
  onProgress: (sentBytes: number) => void;
}

export interface Transfer {
  done: Promise<UploadResult>;
  cancel: () => void;
}

export function transferFile({ source, file, onProgress }: Target): Transfer {
  const request = new XMLHttpRequest();
  const path = `/sources/${encodeURIComponent(source)}/uploads`;
  request.open("POST", apiUrl(path, { filename: file.name }));
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
  const done = new Promise<UploadResult>((resolve, reject) => {
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as UploadResult);
      } else {
        reject(new ApiError(problemOf(request.status, request.responseText)));
      }
    });
    request.addEventListener("error", () =>
      reject(new ApiError({ title: "The connection broke off", status: 0 })),
    );
    request.addEventListener("abort", () =>
      reject(new ApiError({ title: "Cancelled", status: 0 })),
    );
  });
  request.send(file);
  return { done, cancel: () => request.abort() };
}
