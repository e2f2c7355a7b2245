import type { ReactNode } from "react";

interface IconProps {
  size?: number;
}

/** Icons are decoration; the text beside them carries the meaning. */
function icon(paths: ReactNode) {
  return function Icon({ size = 16 }: IconProps) {
    return (
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true" focusable="false"
        strokeWidth={2} strokeLinecap="round" strokeLinejoin="round">
        {paths}
      </svg>
    );
  };
}

export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const CheckCircleIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="m8 12.3 2.7 2.7L16 9.6" /></>);
export const CrossIcon = icon(<path d="m6 6 12 12M18 6 6 18" />);
export const CrossCircleIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="m9 9 6 6m0-6-6 6" /></>);
export const WarningIcon = icon(<><path d="M12 4 2.8 19.5h18.4z" /><path d="M12 10v4m0 2.7v.1" /></>);
export const InfoIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 11v5m0-8.2v.1" /></>);
export const SkipIcon = icon(<path d="M5 6v12l8-6zM13 6v12l8-6z" />);
export const PlayIcon = icon(<path d="M7 5v14l11-7z" />);
export const PauseIcon = icon(<path d="M8 5v14M16 5v14" />);
export const StopIcon = icon(<rect x="6" y="6" width="12" height="12" rx="1.5" />);
export const ClockIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 7v5l3.5 2" /></>);
export const BoltIcon = icon(<path d="M13 3 5 14h6l-1 7 8-11h-6z" />);
export const RefreshIcon = icon(<path d="M20 12a8 8 0 1 1-2.6-5.9M20 3v5h-5" />);
export const OfflineIcon = icon(<path d="m3 3 18 18M8.5 16.5a5 5 0 0 1 7 0M5 13a10 10 0 0 1 4.2-2.5M19 13a10 10 0 0 0-5-2.8M12 20h.01M2 9a15 15 0 0 1 4.5-2.8M22 9a15 15 0 0 0-11-3.9" />);
export const UploadIcon = icon(<path d="M12 16V4m-5 5 5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" />);
export const DownloadIcon = icon(<path d="M12 4v12m-5-5 5 5 5-5M4 18v1a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-1" />);
export const FileIcon = icon(<path d="M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7zM14 3v4h4M9 12h6M9 16h6" />);
export const ArrowIcon = icon(<path d="M5 12h14m-5-5 5 5-5 5" />);
export const SunIcon = icon(<><circle cx="12" cy="12" r="4" /><path d="M12 3v1m0 16v1M3 12h1m16 0h1M5.6 5.6l.7.7m11.4 11.4.7.7m0-12.8-.7.7M6.3 17.7l-.7.7" /></>);
export const MoonIcon = icon(<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const ImportIcon = icon(<path d="M12 4v11m-4-4 4 4 4-4M5 15v4a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-4" />);
export const ExportIcon = icon(<path d="M12 15V4m-4 4 4-4 4 4M5 15v4a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-4" />);
export const PencilIcon = icon(<path d="m4 20 1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19zM14 7l3 3" />);
export const TrashIcon = icon(<path d="M4 7h16M9 7V4h6v3m-9 0 1 13h10l1-13M10 11v5m4-5v5" />);
export const EqualIcon = icon(<path d="M6 9.5h12M6 14.5h12" />);
export const UsersIcon = icon(<><circle cx="9" cy="8" r="3.2" /><path d="M3 19.5c.4-3.4 2.8-5.3 6-5.3s5.6 1.9 6 5.3M16 5.2a3 3 0 0 1 0 5.6m1.7 3.9c2 .7 3.1 2.3 3.3 4.8" /></>);
export const ShieldIcon = icon(<path d="M12 3.5 5 6v5.5c0 4.2 2.8 7.3 7 9 4.2-1.7 7-4.8 7-9V6z" />);
export const KeyIcon = icon(<><circle cx="8" cy="15" r="4" /><path d="m11 12 8-8m-3 3 2.5 2.5M13.5 9.5 16 12" /></>);
export const ListIcon = icon(<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01" />);
export const ServerIcon = icon(<><rect x="4" y="4" width="16" height="7" rx="1.5" /><rect x="4" y="13" width="16" height="7" rx="1.5" /><path d="M8 7.5h.01M8 16.5h.01" /></>);
export const CloudIcon = icon(<path d="M7 18a4.5 4.5 0 0 1-.6-8.96 6 6 0 0 1 11.6 1.5A3.8 3.8 0 0 1 17.5 18z" />);
