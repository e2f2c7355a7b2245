import { createTheme, type MantineColorsTuple } from "@mantine/core";

const spruce: MantineColorsTuple = [
  "#ebf6f5", "#d5eae9", "#abd5d3", "#7cbebb", "#4fa6a3", "#2c918f", "#177d7d", "#0c6a6e", "#0a565a", "#073f43",
];
const gray: MantineColorsTuple = [
  "#f5f8f8", "#ebf0f1", "#dee5e7", "#cbd5d8", "#aebbc0", "#8496a0", "#596a73", "#46555d", "#323f46", "#1f292e",
];
const dark: MantineColorsTuple = [
  "#d3dce0", "#b4c0c6", "#94a3aa", "#64737b", "#3c4951", "#2e3a41", "#222c32", "#192126", "#12191d", "#0c1114",
];

const system = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif';
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

export const theme = createTheme({
  colors: { spruce, gray, dark },
  primaryColor: "spruce",
  primaryShade: { light: 7, dark: 6 },
  fontFamily: system,
  fontFamilyMonospace: mono,
  headings: { fontFamily: system, fontWeight: "600" },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Popover: { defaultProps: { shadow: "md", withinPortal: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
});
