/*
 * SrtpKeys: which keys of a call's session descriptions may protect a stream (RFC 4568 5, 6).
 */
#pragma once

#include "dissect/media/media_book.h"
#include "dissect/media/srtp_opener.h"

/* Adds the keys that the sender of the stream gave in all offers and answers of the call, for the
 * m= line of the stream: of an answered offer those of the tag that was chosen.  *ret_unreadable is
 * what of others cannot be read, if there are; or NULL. */
void srtp_keys_add(SrtpOpener *opener, const MediaCall *call, const MediaOwner *owner,
                   const char **ret_unreadable);
