"""How text of each spoken language is read: sentences, words, base forms, numbers, order of signs."""
