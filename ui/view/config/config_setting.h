/*
 * Config setting: SETTINGS by name, and what their values may be.  Pure.
 */
#pragma once

#include "ui/view/config/config.h"

/* SETTING_COUNT when there is none of that name. */
SettingId setting_find(const char *name);

/* The value as it is written ("ON" is "on"), freed with g_free; NULL and APP_ERROR_USAGE, with what
 * it may be, when it is none. */
G_GNUC_WARN_UNUSED_RESULT char *setting_canonical(SettingId id, const char *text, GError **error);
