/*
 * RefSet: a set of the places in stores where frames lie, a bit for each.
 *
 * Places are told apart to 16 bytes: in every capture file more than that lies between two frames.
 * So it takes less than a hundredth of what is in the stores, however many frames that is.
 */
#pragma once

#include <glib.h>

#include "capture/frame.h"

typedef struct RefSet RefSet;

RefSet *ref_set_new(void);
void ref_set_free(RefSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RefSet, ref_set_free)

void ref_set_add(RefSet *set, ByteRef ref);
bool ref_set_has(const RefSet *set, ByteRef ref);
