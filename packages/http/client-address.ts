import { isIPv4 } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/**
 * The address that a request came from: the first from the right that is not a trusted proxy (Express reads
 * `X-Forwarded-For` so, by the app's `trust proxy` setting), with IPv4 inside IPv6 written as IPv4.
 */
export function clientAddress(request: Request): string {
  let address = addresses.get(request);
  if (address === undefined) {
    address = normaliseAddress(request.ip ?? '') ?? '0.0.0.0';
    addresses.set(request, address);
  }
  return address;
}

/** Lets a request count as one from `address`, if that is one: for a caller who is trusted to tell whom it asks for. */
export function setClientAddress(request: Request, address: string): void {
  const normalised = normaliseAddress(address);
  if (normalised !== null) addresses.set(request, normalised);
}

// Asked by several steps; and after the client has gone, when its socket no longer tells.
const addresses = new WeakMap<Request, string>();

/**
 * What stands for a client that is counted by its address: an IPv4 address, or a whole IPv6 /56, since one customer
 * of a provider has that much.
 */
export function clientNetwork(request: Request): string {
  const address = clientAddress(request);
  return address.includes(':') ? `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/56`)}/56` : address;
}

/** An address in its one canonical form, or null when `text` is none. */
export function normaliseAddress(text: string): string | null {
  // Most are: what Node takes for IPv4 has one form only.
  if (isIPv4(text)) return text;
  return ipaddr.isValid(text) ? ipaddr.process(text).toString() : null;
}

/**
 * A CIDR range or an address in canonical form, or null when `text` is neither. A range's host bits are dropped,
 * and a single address stays one: `203.0.113.9/24` is `203.0.113.0/24`.
 */
export function normaliseRange(text: string): string | null {
  if (!text.includes('/'))
    return ipaddr.IPv4.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)
      ? null
      : normaliseAddress(text);
  if (!ipaddr.isValidCIDR(text)) return null;
  const [address, bits] = ipaddr.parseCIDR(text);
  const network =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(text)
      : ipaddr.IPv6.networkAddressFromCIDR(text);
  return `${network.toString()}/${bits}`;
}

/** Whether `address` is one of `ranges` or within one; an empty list allows every address. */
export function isAddressAllowed(address: string, ranges: readonly string[]): boolean {
  if (ranges.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some((range) => {
    const [network, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : wholeAddress(range);
    return parsed.kind() === network.kind() && parsed.match(network, bits);
  });
}

function wholeAddress(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
