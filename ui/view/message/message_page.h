/*
 * MessagePage: the message that a message view shows, read and decoded on demand, and the place in
 * it that all of its panes share: the offset of a byte.
 *
 * The page owns all it shows, so it stays when its call is evicted.
 */
#pragma once

#include "dissect/query/text_search.h"
#include "ui/show/message_raw.h"
#include "ui/show/message_tree.h"
#include "ui/view/host.h"

typedef struct {
  Arena octets;     /* of the message */
  Arena tree_arena; /* each: of the last one that was built */
  Arena raw_arena;
  Arena search_arena;
  char *error; /* why it cannot be read, or NULL */
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

/* Copies it to the clipboard, or says why it cannot be read. */
void message_copy(Host *host, const Message *message);

void message_page_init(MessagePage *page);
void message_page_clear(MessagePage *page);

/* Reads and decodes; the place stays where it is, if the message is that long. */
void message_page_load(MessagePage *page, const AppModel *model, const Message *message);

/* Its text wrapped at `width`, or not at all (0). */
const MessageRaw *message_page_raw(MessagePage *page, unsigned width, TextCharset charset);

/* The text to search for; empty: none. */
void message_page_set_search(MessagePage *page, Slice text);

/* Goes to the next match in that direction (1 or -1), wrapping around; false if there is none. */
bool message_page_search(MessagePage *page, int direction);

/* The first match that ends after `from`; false if there is none. */
bool message_page_found(const MessagePage *page, size_t from, Octets *ret_octets);

/* The bytes of the node that the place is on; of the whole message if it is on none. */
Octets message_page_field(const MessagePage *page);
