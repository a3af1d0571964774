//! Reads what the first release wrote: values as a row of words, each with its length before it (`5:hello`). A struct
//! is its fields in order, an enum its variant's name and then that variant's fields, a list its length and then its
//! items, an option `0`, or `1` and its value.
//!
//! It is only read, and only from rows that waited while a Worker of that release was replaced.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// The fields that the first release wrote of each type that has stood in a row, in their order. A type that is not
/// named here has the fields that it has today.
const FIELDS: [(&str, &[&str]); 2] =
    [("Event", &["happening", "conversation", "mailbox", "kind", "threads"]), ("MediumAt", &["mime", "url"])];

/// Reads a whole value.
pub(super) fn decode<T: de::DeserializeOwned>(text: &str) -> Result<T, Damaged> {
    let mut words = Words(text);
    let value = T::deserialize(&mut words)?;
    if words.0.is_empty() { Ok(value) } else { Err(Damaged) }
}

/// A text that is not in this format.
#[derive(Debug)]
pub(super) struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("damaged")
    }
}

impl std::error::Error for Damaged {}

impl de::Error for Damaged {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What is left of the text.
struct Words<'de>(&'de str);

impl<'de> Words<'de> {
    fn word(&mut self) -> Result<&'de str, Damaged> {
        let (length, rest) = self.0.split_once(':').ok_or(Damaged)?;
        let length: usize = length.parse().map_err(|_| Damaged)?;
        let (word, rest) = rest.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        Ok(word)
    }

    fn number<N: std::str::FromStr>(&mut self) -> Result<N, Damaged> {
        self.word()?.parse().map_err(|_| Damaged)
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
            visitor.$visit(self.number()?)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Words<'de> {
    type Error = Damaged;

    /// The format does not say what a word is.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Damaged> {
        Err(Damaged)
    }

    numbers!(deserialize_bool visit_bool, deserialize_i64 visit_i64, deserialize_u64 visit_u64, deserialize_u32 visit_u32);

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        visitor.visit_borrowed_str(self.word()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        if self.word()? == "1" { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Damaged> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        let left = self.number()?;
        visitor.visit_seq(Items { words: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        let written = FIELDS.iter().find(|(known, _)| *known == name).map_or(fields, |(_, written)| *written);
        visitor.visit_map(Fields { words: self, left: written.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier
        ignored_any
    }
}

impl<'de> EnumAccess<'de> for &mut Words<'de> {
    type Error = Damaged;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Damaged> {
        let name: StrDeserializer<Damaged> = self.word()?.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Words<'de> {
    type Error = Damaged;

    fn unit_variant(self) -> Result<(), Damaged> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Damaged> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Damaged> {
        visitor.visit_seq(Items { words: self, left: length })
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Damaged> {
        visitor.visit_map(Fields { words: self, left: fields.iter() })
    }
}

struct Items<'a, 'de> {
    words: &'a mut Words<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Damaged;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Damaged> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.words).map(Some)
    }
}

struct Fields<'a, 'de> {
    words: &'a mut Words<'de>,
    left: std::slice::Iter<'static, &'static str>,
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Damaged;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Damaged> {
        let Some(name) = self.left.next() else { return Ok(None) };
        let name: StrDeserializer<Damaged> = (*name).into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Damaged> {
        seed.deserialize(&mut *self.words)
    }
}

#[cfg(test)]
mod tests {
    use crate::encoding::{decode, encode};
    use crate::helpscout::webhook::Event;
    use crate::twilio::inbound::MediumAt;
    use crate::{contact, directory};

    /// Rows as the first release wrote them.
    #[test]
    fn rows_of_the_first_release_are_read() {
        let media: Vec<MediumAt> = decode("1:19:image/png7:https:/").unwrap();
        assert_eq!(media, [MediumAt { mime: "image/png".to_owned(), url: "https:/".to_owned() }]);

        let event: Event = decode("7:Replied4:31411:14:30035:phone1:0").unwrap();
        assert_eq!((event.conversation, event.mailbox, event.kind.as_str()), (3141, Some(3003), "phone"));

        let merged: contact::Message = decode("6:Merged2:112:2213:17951760000004:true").unwrap();
        assert_eq!(merged, contact::Message::Merged { from: 11, into: 22, at: 1_795_176_000_000, ours: true });

        let count: directory::Message = decode("5:Count9:duplicate").unwrap();
        assert_eq!(count, directory::Message::Count { what: "duplicate".to_owned() });
    }

    #[test]
    fn what_is_neither_format_is_refused() {
        for text in ["", "5:hello", "{}", "1:29:image/png7:https:/", "7:Replied4:3141"] {
            assert!(decode::<Vec<MediumAt>>(text).is_err(), "{text}");
            assert!(decode::<Event>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_field_of_a_later_release_is_ignored() {
        let media = vec![MediumAt { mime: "image/png".to_owned(), url: "https:/".to_owned() }];
        let later = encode(&media).replace("\"mime\"", "\"size\":[1,{\"a\":2}],\"mime\"");
        assert_eq!(decode::<Vec<MediumAt>>(&later).as_ref(), Ok(&media));
    }
}
