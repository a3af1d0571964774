//! An object's SQLite behind the rules' `Store`.

use std::cell::RefCell;
use std::collections::HashMap;

use hotline::effects::Millis;
use hotline::storage::{Param, Row, Store, StoreError, Stored, Value};
use js_sys::{Array, JsString, Promise};
use wasm_bindgen::closure::ScopedClosure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::State;

/// What the `worker` crate has no synchronous or no throwing form of (Cloudflare, Durable Objects: SQLite storage API).
#[wasm_bindgen]
extern "C" {
    type DurableObjectStorage;

    #[wasm_bindgen(method, getter)]
    fn sql(this: &DurableObjectStorage) -> SqlStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(this: &DurableObjectStorage, step: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &DurableObjectStorage, at: f64) -> Result<Promise, JsValue>;

    type SqlStorage;

    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &SqlStorage, statement: &JsString, params: &Array) -> Result<SqlStorageCursor, JsValue>;

    type SqlStorageCursor;

    #[wasm_bindgen(method, catch)]
    fn raw(this: &SqlStorageCursor) -> Result<RawRows, JsValue>;

    type RawRows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &RawRows) -> Result<Array, JsValue>;
}

/// One object's rows, and its alarm, which is stored with them.
pub struct SqlStore {
    storage: DurableObjectStorage,
    sql: SqlStorage,
}

impl SqlStore {
    /// Opens an object's storage.
    pub fn new(state: &State) -> Self {
        let storage: DurableObjectStorage = AsRef::<JsValue>::as_ref(state.storage().as_raw()).clone().unchecked_into();
        let sql = storage.sql();
        Self { storage, sql }
    }

    /// Sets the object's one alarm. The promise is the platform's to keep: see output gates.
    pub fn set_alarm(&self, at: Millis) -> worker::Result<()> {
        // Milliseconds since 1970 are far below 2^53.
        #[expect(clippy::cast_precision_loss)]
        self.storage.set_alarm(at as f64).map(drop).map_err(worker::Error::from)
    }

    fn rows(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>, JsValue> {
        let arguments: Array = params.iter().map(|param| bind(*param)).collect();
        let rows = self.sql.exec(&statement(sql), &arguments)?.raw()?.to_array()?;
        let row = |row: JsValue| Row(row.unchecked_into::<Array>().iter().map(|value| read(&value)).collect());
        Ok(rows.iter().map(row).collect())
    }
}

impl Store for SqlStore {
    fn execute(&self, sql: &str, params: &[Param]) -> Stored<Vec<Row>> {
        self.rows(sql, params)
            .map_err(|error| StoreError::Statement { statement: sql.to_owned(), message: message_of(&error) })
    }

    fn transaction(&self, step: &mut dyn FnMut() -> Stored<()>) -> Stored<()> {
        let mut failed = None;
        let mut run = || {
            step().map_err(|error| {
                failed = Some(error);
                JsValue::NULL
            })
        };
        let closure = ScopedClosure::<dyn FnMut() -> Result<(), JsValue>>::borrow_mut_assert_unwind_safe(&mut run);
        let done = self.storage.transaction_sync(closure.as_ref());
        drop(closure);
        done.map(drop).map_err(|error| failed.unwrap_or_else(|| StoreError::Transaction(message_of(&error))))
    }
}

thread_local! {
    /// Statements as JavaScript has them: as many as the rules have, some two hundred, each made once.
    static STATEMENTS: RefCell<HashMap<String, JsString>> = RefCell::default();
}

fn statement(sql: &str) -> JsString {
    STATEMENTS.with_borrow_mut(|statements| {
        if let Some(statement) = statements.get(sql) {
            return statement.clone();
        }
        let statement = JsString::from(sql);
        statements.insert(sql.to_owned(), statement.clone());
        statement
    })
}

/// SQLite's words name tables and columns and hold no parameters.
fn message_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| "unknown error".to_owned(), |error| error.message().into())
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
