/*
 * StrictJson: whether a text may be given to json-glib.
 *
 * That takes more than JSON (comments, assignments), recurses once per level without a limit, and
 * up to 1.8 ends the program by an assertion at half a surrogate pair.
 */
#pragma once

#include "capture/slice.h"

/* One value of RFC 8259 in UTF-8, at most JSON_DEPTH_MAX deep, whose texts are whole characters and
 * have no NUL. */
bool strict_json_is(Slice text);
