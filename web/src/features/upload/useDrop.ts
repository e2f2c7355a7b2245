import { type DragEvent, useEffect, useState } from "react";

/** Lets a file be dropped on an element, and keeps one dropped beside it from replacing the page. */
export function useDrop(choose: (file: File) => void) {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const ignore = (event: Event) => event.preventDefault();
    for (const name of ["dragover", "drop"]) globalThis.addEventListener(name, ignore);
    return () => ["dragover", "drop"].forEach((name) => globalThis.removeEventListener(name, ignore));
  }, []);
  const handlers = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setDragging(true);
    },
    onDragLeave: () => setDragging(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setDragging(false);
      const file = event.dataTransfer.files[0];
      if (file) choose(file);
    },
  };
  return { dragging, handlers };
}
