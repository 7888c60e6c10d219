import type { _InstanceType } from '@aws-sdk/client-ec2';

/** The library knows the types of its day; Amazon adds others every month, and judges itself. */
export const asType = (name: string) => name.trim() as _InstanceType;
