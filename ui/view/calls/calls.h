/*
 * Calls view: the list of calls, at the bottom of the stack.
 */
#pragma once

#include "ui/view/app.h"

View *calls_view_new(App *app);

/* What the display filter's line says, for `rung -Y`; the list follows it. */
void calls_view_set_filter(View *view, const char *expression);

/* Moves the cursor to the call, if it is shown. */
bool calls_view_go(View *view, uint32_t number);
