// All that a view needs: import { Page, Table, useApi } from "../../kit".
export { Problem, get, getFile, post, send, withQuery, type Query } from "./api";
export { Action, Button } from "./button";
export { Chart, type EChartsOption } from "./chart";
export { Dialog } from "./dialog";
export { AsOf, Empty, Failure, Load, Loading, State, notify, useOnline, type Tone } from "./feedback";
export * as format from "./format";
export { CheckField, Choice, Field, Form, Search, SelectField, TextArea, TextField } from "./form";
export { language, locale, useTexts, type Texts } from "./i18n";
export { Icon, type IconName } from "./icons";
export { Bar, Card, Facts, Figure, Grid, Link, Page, Row, Tabs, useTab } from "./layout";
export { connected, useLive, type Change, type Watch } from "./live";
export { useApi, usePages, type Loaded, type Pages } from "./load";
export { addressOf, go, place, setQuery } from "./place";
export { useSentence } from "./problems";
export { chain, may, session, storesOf } from "./session";
export { MoneyField } from "./money_field";
export { PagedTable, Table, type Column } from "./table";
export { defineView, type PageProps } from "./view";
