/*
 * Diff view: two messages compared by header fields and parameters.
 */
#pragma once

#include "ui/view/app.h"

View *diff_view_new(App *app, const Message *left, const Message *right);
