/*
 * RefSet: a set of the places in stores where frames lie, a bit for each.
 *
 * Each bit is for 16 bytes of a store; the record of a packet, with its header, is longer than
 * that.  So a set takes less than a hundredth of the size of the stores, whatever the number of
 * frames.
 */
#pragma once

#include <glib.h>

#include "capture/store.h"

typedef struct RefSet RefSet;

RefSet *ref_set_new(void);
void ref_set_free(RefSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RefSet, ref_set_free)

void ref_set_add(RefSet *set, ByteRef ref);
bool ref_set_has(const RefSet *set, ByteRef ref);

/* Now and then forgets places that were dropped from the stores (store_set_reclaim): what lay there
 * is not read again.  For the thread that drops. */
void ref_set_trim(RefSet *set, const StoreSet *stores);
