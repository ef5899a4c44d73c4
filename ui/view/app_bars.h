/*
 * AppBars: the line at the top (what is shown, and its source) and the line at the bottom (a
 * message, the progress of work, or the keys of the topmost view).  Part of App.
 */
#pragma once

#include "ui/view/host.h"

enum { APP_BARS_KEYS_MAX = 24 };

typedef struct {
  int x, end;
  CommandId id;
} BarKey;

typedef struct {
  const AppModel *model;
  GString *message; /* until the next key; empty: none */
  Style message_style;
  BarKey keys[APP_BARS_KEYS_MAX]; /* positions of the keys at the bottom, for clicks */
  unsigned key_count;
  int keys_y;
  int64_t noted_us;        /* start of the interval of the rate */
  uint64_t noted_messages; /* at that time */
  double rate;             /* messages per second */
} AppBars;

typedef struct {
  View *const *views;
  unsigned count;
} AppViews;

void app_bars_init(AppBars *bars, const AppModel *model);
void app_bars_clear(AppBars *bars);

/* Updates the rate. */
void app_bars_note(AppBars *bars, int64_t now_us);

void app_bars_draw_top(AppBars *bars, Canvas *canvas, Rect at, const View *shown);
void app_bars_draw_bottom(AppBars *bars, Canvas *canvas, Rect at, const AppViews *views);

/* The command of the key at that position of the bottom line, or COMMAND_NONE. */
CommandId app_bars_command_at(const AppBars *bars, int x, int y);
