/*
 * Settings view: the dialog of all SETTINGS.
 */
#pragma once

#include "ui/view/app.h"

View *settings_view_new(App *app);
