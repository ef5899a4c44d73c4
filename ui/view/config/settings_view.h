/*
 * Settings view: the dialog of all SETTINGS.
 */
#pragma once

#include "ui/view/host.h"

View *settings_view_new(Host *host);
