/*
 * MessagePage: the message that a message view shows, read and taken apart as far as somebody
 * looked, and the place in it that all of its panes share: an octet.
 *
 * The page owns all it shows, so it stays when its call is evicted.
 */
#pragma once

#include "dissect/query/text_search.h"
#include "ui/show/message_raw.h"
#include "ui/show/message_tree.h"
#include "ui/view/app_model.h"

typedef struct {
  Arena octets;     /* of the message */
  Arena tree_arena; /* and so on: of the last one that was built */
  Arena raw_arena;
  Arena search_arena;
  char *error; /* why it could not be read, or NULL */
  SipMsg sip;
  GString *heading; /* when and where, safe */
  MessageTree tree;
  MessageRaw raw;
  RawOptions raw_options; /* that it was built with */
  bool has_raw;
  size_t offset;            /* the place */
  const TextSearch *search; /* or NULL */
} MessagePage;

/* Appends "10.0.0.1:5060 -> SBC:5060 UDP" and what is special about it; safe. */
void message_append_where(GString *to, const AppModel *model, const Message *message);
/* Appends its time, with the date. */
void message_append_when(GString *to, const AppModel *model, const Message *message);

void message_page_init(MessagePage *page);
void message_page_clear(MessagePage *page);

/* Reads and takes apart; the place stays where it is, if the message goes that far. */
void message_page_load(MessagePage *page, const AppModel *model, const Message *message);

/* Its text wrapped at `width`, or not at all (0). */
const MessageRaw *message_page_raw(MessagePage *page, unsigned width, TextCharset charset);

/* What is looked for from now on; empty: nothing. */
void message_page_set_search(MessagePage *page, Slice text);

/* The next place of it in that direction (1 or -1), behind the first one before the last; false
 * when it is nowhere. */
bool message_page_search(MessagePage *page, int direction);

/* The first place of it that ends behind `from`; false when there is none. */
bool message_page_found(const MessagePage *page, size_t from, Octets *ret_octets);

/* The octets of the node that the place is on; of the whole message when it is on none. */
Octets message_page_field(const MessagePage *page);
