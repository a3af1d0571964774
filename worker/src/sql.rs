//! An object's SQLite behind the rules' `Store`.

use hotline::storage::{Param, Row, Store, StoreError, Stored, Value};
use js_sys::Array;
use wasm_bindgen::closure::ScopedClosure;
use wasm_bindgen::{JsCast, JsValue};

use crate::js;

/// One object's rows.
pub struct SqlStore {
    storage: JsValue,
    sql: JsValue,
}

impl SqlStore {
    /// Opens an object's storage (Cloudflare, `DurableObjectStorage`).
    pub fn new(storage: JsValue) -> Self {
        let sql = js::get(&storage, "sql").unwrap_or_default();
        Self { storage, sql }
    }

    /// `exec(sql, ...params).raw().toArray()`, each of which may throw.
    fn rows(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>, JsValue> {
        let arguments = Array::of1(&sql.into());
        for param in params {
            arguments.push(&bind(*param));
        }
        let cursor = js::call(&self.sql, "exec", &arguments)?;
        let none = Array::new();
        let rows = js::call(&js::call(&cursor, "raw", &none)?, "toArray", &none)?;
        let row = |row: JsValue| Row(row.unchecked_into::<Array>().iter().map(|value| read(&value)).collect());
        Ok(rows.unchecked_into::<Array>().iter().map(row).collect())
    }

    fn transact(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()> {
        let mut failed = None;
        let mut run = || {
            step().map_err(|error| {
                failed = Some(error);
                JsValue::NULL
            })
        };
        let closure = ScopedClosure::<dyn FnMut() -> Result<(), JsValue>>::borrow_mut_assert_unwind_safe(&mut run);
        let done = js::call(&self.storage, "transactionSync", &Array::of1(closure.as_ref()));
        drop(closure);
        done.map(drop).map_err(|error| failed.unwrap_or_else(|| StoreError::Transaction(js::words(&error))))
    }
}

impl Store for SqlStore {
    fn execute(&self, sql: &str, params: &[Param]) -> Stored<Vec<Row>> {
        self.rows(sql, params)
            .map_err(|error| StoreError::Statement { statement: sql.to_owned(), message: js::words(&error) })
    }

    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()> {
        self.transact(step)
    }
}

fn bind(param: Param) -> JsValue {
    match param {
        Param::Null => JsValue::NULL,
        // Numbers go as doubles; ours are far below 2^53.
        #[expect(clippy::cast_precision_loss)]
        Param::Integer(number) => JsValue::from_f64(number as f64),
        Param::Text(text) => JsValue::from_str(text),
    }
}

fn read(value: &JsValue) -> Value {
    if let Some(text) = value.as_string() {
        return Value::Text(text);
    }
    // Numbers come as doubles; ours are whole and far below 2^53.
    #[expect(clippy::cast_possible_truncation)]
    value.as_f64().map_or(Value::Null, |number| Value::Integer(number as i64))
}
