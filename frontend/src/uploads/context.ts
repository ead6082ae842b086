import { createContext, useContext } from "react";

import type { Upload } from "~/uploads/queue";

export interface Uploads {
  /** Files dropped or picked that wait for a source to be chosen. */
  staged: File[];
  stage: (files: File[]) => void;
  unstage: () => void;
  uploads: Upload[];
  /** Send the staged files to a source that exists. */
  start: (source: string) => void;
  cancel: (id: string) => void;
  retry: (id: string) => void;
  clear: () => void;
}

export const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (!uploads) throw new Error("useUploads needs an UploadProvider above it");
  return uploads;
}
