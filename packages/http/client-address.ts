import { isIPv4, isIPv6 } from 'node:net';
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
  // Node takes one form of IPv4 only: four parts without leading zeros, which others read as octal.
  if (isIPv4(text)) return text;
  return isIPv6(text) ? ipaddr.process(text).toString() : null;
}

const prefixLength = /^(0|[1-9]\d{0,2})$/;

/**
 * A CIDR range or an address in canonical form, or null when `text` is neither. A range's host bits are dropped,
 * a range within the IPv4-mapped addresses is one of IPv4, and a single address stays one: `203.0.113.9/24` is
 * `203.0.113.0/24`.
 */
export function normaliseRange(text: string): string | null {
  const [addressText = '', bitsText, ...more] = text.split('/');
  if (addressText.includes('%')) return null;
  if (bitsText === undefined) return normaliseAddress(text);
  const isAddress = isIPv4(addressText) || isIPv6(addressText);
  if (!isAddress || !prefixLength.test(bitsText) || more.length > 0) return null;
  const bits = Number(bitsText);
  const address = ipaddr.parse(addressText);
  if (address instanceof ipaddr.IPv4) return bits > 32 ? null : ipv4Network(address, bits);
  if (bits > 128) return null;
  if (address.isIPv4MappedAddress() && bits >= 96) return ipv4Network(address.toIPv4Address(), bits - 96);
  return `${ipaddr.IPv6.networkAddressFromCIDR(text)}/${bits}`;
}

function ipv4Network(address: ipaddr.IPv4, bits: number): string {
  return `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`)}/${bits}`;
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
