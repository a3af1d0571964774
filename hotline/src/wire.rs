//! How values travel between objects and stand in rows: a row of words, each with its length before it (`5:hello`).
//!
//! It is our own because both ends are: serde's derived readers for the same types weigh 18 KB after gzip in the
//! Worker, these 2.

/// The words of a request, taken one after another.
pub struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// The next word; `None` at the end, or where the request is damaged.
    pub fn take(&mut self) -> Option<&'a str> {
        let (length, rest) = self.0.split_once(':')?;
        let (word, rest) = rest.split_at_checked(length.parse().ok()?)?;
        self.0 = rest;
        Some(word)
    }
}

/// A value that travels.
pub trait Wire: Sized {
    /// Adds it to a request.
    fn put(&self, to: &mut String);
    /// Takes it out of a request.
    fn get(from: &mut Words) -> Option<Self>;
}

/// A request with one value in it.
pub fn write<T: Wire>(value: &T) -> String {
    let mut sample = String::new();
    value.put(&mut sample);
    sample
}

/// The value in a request; `None` when it is damaged or from another version.
pub fn read<T: Wire>(sample: &str) -> Option<T> {
    T::get(&mut Words(sample))
}

/// Adds a word to a request.
pub fn put_word(word: &str, to: &mut String) {
    to.push_str(&word.len().to_string());
    to.push(':');
    to.push_str(word);
}

impl Wire for String {
    fn put(&self, to: &mut String) {
        put_word(self, to);
    }

    fn get(from: &mut Words) -> Option<Self> {
        from.take().map(str::to_owned)
    }
}

/// Numbers travel as their digits.
macro_rules! digits {
    ($($number:ty),*) => {
        $(impl Wire for $number {
            fn put(&self, to: &mut String) {
                put_word(&self.to_string(), to);
            }

            fn get(from: &mut Words) -> Option<Self> {
                from.take()?.parse().ok()
            }
        })*
    };
}

digits!(i64, u64, u32, bool);

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, to: &mut String) {
        put_word(&self.len().to_string(), to);
        for value in self {
            value.put(to);
        }
    }

    fn get(from: &mut Words) -> Option<Self> {
        let count: usize = from.take()?.parse().ok()?;
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(T::get(from)?);
        }
        Some(values)
    }
}

/// None or one.
impl<T: Wire> Wire for Option<T> {
    fn put(&self, to: &mut String) {
        put_word(if self.is_some() { "1" } else { "0" }, to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn get(from: &mut Words) -> Option<Self> {
        Some(if from.take()? == "1" { Some(T::get(from)?) } else { None })
    }
}

/// A struct travels as its fields in order.
#[macro_export]
macro_rules! wire_struct {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::wire::Wire for $name {
            fn put(&self, to: &mut String) {
                $(self.$field.put(to);)*
            }

            fn get(from: &mut $crate::wire::Words) -> Option<Self> {
                Some(Self { $($field: $crate::wire::Wire::get(from)?),* })
            }
        }
    };
}

/// An enum travels as its variant's name and then the fields of that variant.
#[macro_export]
macro_rules! wire_enum {
    ($name:ident { $($variant:ident $(($($value:ident),*))? $({$($field:ident),*})?),* $(,)? }) => {
        impl $crate::wire::Wire for $name {
            fn put(&self, to: &mut String) {
                match self {
                    $(Self::$variant $(($($value),*))? $({$($field),*})? => {
                        $crate::wire::put_word(stringify!($variant), to);
                        $($($value.put(to);)*)?
                        $($($field.put(to);)*)?
                    })*
                }
            }

            fn get(from: &mut $crate::wire::Words) -> Option<Self> {
                Some(match from.take()? {
                    $(stringify!($variant) => {
                        $($(let $value = $crate::wire::Wire::get(from)?;)*)?
                        $($(let $field = $crate::wire::Wire::get(from)?;)*)?
                        Self::$variant $(($($value),*))? $({$($field),*})?
                    })*
                    _ => return None,
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Sample {
        words: Vec<String>,
        maybe: Option<i64>,
        kind: Kind,
    }

    #[derive(Clone, Debug, PartialEq)]
    enum Kind {
        Plain,
        Pair(String, bool),
        Named { id: u64 },
    }

    wire_struct!(Sample { words, maybe, kind });
    wire_enum!(Kind { Plain, Pair(a, b), Named { id } });

    fn values() -> impl Strategy<Value = Sample> {
        let kind = prop_oneof![
            Just(Kind::Plain),
            (".*", any::<bool>()).prop_map(|(a, b)| Kind::Pair(a, b)),
            any::<u64>().prop_map(|id| Kind::Named { id }),
        ];
        (proptest::collection::vec(".*", 0..4), any::<Option<i64>>(), kind).prop_map(|(words, maybe, kind)| Sample {
            words,
            maybe,
            kind,
        })
    }

    proptest! {
        #[test]
        fn a_value_arrives_as_it_left(sample in values()) {
            prop_assert_eq!(read::<Sample>(&write(&sample)), Some(sample));
        }

        #[test]
        fn a_damaged_value_is_refused_and_does_no_harm(text in ".*") {
            let _ = read::<Sample>(&text);
        }
    }
}
