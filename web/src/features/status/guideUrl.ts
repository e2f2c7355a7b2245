/** Where this server has the section of the troubleshooting guide that it names by its place in the repository. */
export function guideUrl(doc: string): string {
  const [, section] = doc.split("#");
  return section === undefined ? "/troubleshooting.html" : `/troubleshooting.html#${encodeURIComponent(section)}`;
}
