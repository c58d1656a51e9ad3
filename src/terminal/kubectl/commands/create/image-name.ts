/** A container's name from its image, as `create deployment` makes it: the last part of the path without tag and digest. */
export function dns1123LabelOf(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/, '');
  return last
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 63);
}
