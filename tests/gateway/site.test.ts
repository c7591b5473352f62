/** Which names the site answers to. */
import { describe, expect, it } from 'vitest';
import { servesHost } from '../../gateway/site.ts';

describe('the names of the site', () => {
  it('are the listening address where no public address is given', () => {
    const serves = servesHost({ public_url: undefined, hosts: [] }, 8080);
    expect(['localhost:8080', '127.0.0.1:8080', '[::1]:8080'].map(serves)).toEqual([true, true, true]);
    expect(['localhost', 'localhost:8081', 'evil.example:8080'].map(serves)).toEqual([false, false, false]);
  });

  it('leave the default port out, as browsers do', () => {
    const serves = servesHost({ public_url: undefined, hosts: [] }, 80);
    expect(['localhost', 'localhost:80'].map(serves)).toEqual([true, true]);
  });

  it('are the public address and the further hosts, and one level below a star', () => {
    const serves = servesHost(
      { public_url: 'https://market.example', hosts: ['Shop.example', '*.farm.example'] },
      8080,
    );
    expect(['market.example', 'shop.example', 'hill.farm.example'].map(serves)).toEqual([true, true, true]);
    expect(['localhost:8080', 'farm.example', 'a.b.farm.example', 'evilfarm.example'].map(serves)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
