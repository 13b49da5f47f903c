/* SPDX-License-Identifier: Apache-2.0 */
/*
 * empty.c - lets a library of no other sources be one
 */
extern int weir_support_is_here;
int weir_support_is_here = 1;
