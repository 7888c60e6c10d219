/** `1,234,567`. The browser's own way to it takes milliseconds the first time. */
export const formatCount = (count: number): string =>
  String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
