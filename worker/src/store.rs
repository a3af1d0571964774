//! An object's SQLite behind the rules' `Store`.

use hotline::store::{Row, Store, StoreError, Stored, Value};
use js_sys::{Function, Reflect};
use wasm_bindgen::closure::ScopedClosure;
use wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue, Storage};

/// One object's rows.
pub struct SqlStore {
    sql: SqlStorage,
    raw: JsValue,
}

impl SqlStore {
    /// Opens an object's storage.
    pub fn new(storage: &Storage) -> Self {
        Self { sql: storage.sql(), raw: AsRef::<JsValue>::as_ref(storage.as_raw()).clone() }
    }

    fn transact(&self, step: &mut dyn FnMut() -> Stored<()>) -> Result<(), JsValue> {
        let function: Function = Reflect::get(&self.raw, &"transactionSync".into())?.dyn_into()?;
        let mut failed = None;
        let mut run = || -> Result<(), JsValue> {
            step().map_err(|error| {
                let words = JsValue::from_str(&error.0);
                failed = Some(words.clone());
                words
            })
        };
        let closure = ScopedClosure::<dyn FnMut() -> Result<(), JsValue>>::borrow_mut_assert_unwind_safe(&mut run);
        function.call1(&self.raw, closure.as_ref()).map(drop)
    }
}

impl Store for SqlStore {
    fn execute(&self, sql: &str, params: &[Value]) -> Stored<Vec<Row>> {
        let params: Vec<SqlStorageValue> = params.iter().map(bind).collect();
        let cursor = self.sql.exec(sql, params).map_err(failed)?;
        // `one` and `to_array` trap on an error in a row; this does not.
        let rows: Result<Vec<Vec<SqlStorageValue>>, worker::Error> = cursor.raw().collect();
        Ok(rows.map_err(failed)?.into_iter().map(|row| Row(row.into_iter().map(read).collect())).collect())
    }

    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()> {
        self.transact(step).map_err(|error| StoreError(error.as_string().unwrap_or_else(|| "refused".to_owned())))
    }
}

fn failed(error: worker::Error) -> StoreError {
    StoreError(error.to_string())
}

fn bind(value: &Value) -> SqlStorageValue {
    match value {
        Value::Null => SqlStorageValue::Null,
        Value::Integer(number) => SqlStorageValue::Integer(*number),
        Value::Text(text) => SqlStorageValue::String(text.clone()),
    }
}

fn read(value: SqlStorageValue) -> Value {
    match value {
        SqlStorageValue::Integer(number) => Value::Integer(number),
        // Numbers come as doubles; ours are whole and far below 2^53.
        #[expect(clippy::cast_possible_truncation)]
        SqlStorageValue::Float(number) => Value::Integer(number as i64),
        SqlStorageValue::String(text) => Value::Text(text),
        SqlStorageValue::Boolean(yes) => Value::Integer(i64::from(yes)),
        SqlStorageValue::Null | SqlStorageValue::Blob(_) => Value::Null,
    }
}
