/*
 * XmlDoc: the elements of an XML body, in document order.
 *
 * Read by GLib's markup parser, which loads nothing and expands no entity but the five predefined
 * ones and character references.  Depth, elements and bytes are bounded: a body beyond is an error,
 * as one that is not well-formed.  All texts are copies in the arena.
 */
#pragma once

#include "capture/arena.h"
#include "capture/slice.h"

enum {
  XML_BYTES_MAX = 1024 * 1024,
  XML_ELEMENTS_MAX = 8192,
  XML_ATTRIBUTES_MAX = 16384,
  XML_DEPTH_MAX = 64,
};

/* No parent. */
#define XML_NONE UINT32_MAX

typedef struct {
  Slice name;      /* without prefix */
  Slice text;      /* its first text that is not blank, trimmed; or absent */
  uint32_t parent; /* index, or XML_NONE */
  uint32_t end;    /* index after its last descendant */
  uint32_t attribute, attribute_count;
} XmlElement;

typedef struct {
  Slice name, value;
} XmlAttribute;

typedef struct {
  const XmlElement *elements;
  size_t count;
  const XmlAttribute *attributes;
  const char *fault; /* why it was not read; NULL: it was */
} XmlDoc;

/* Text in UTF-8.  With a fault there are no elements. */
XmlDoc xml_doc_read(Arena *arena, Slice text);

/* The value of an attribute, absent without it. */
Slice xml_attribute(const XmlDoc *doc, uint32_t element, Slice name);

/* The first descendant by the names of a path, "status/basic"; XML_NONE if there is none. */
uint32_t xml_find(const XmlDoc *doc, uint32_t element, Slice path);
