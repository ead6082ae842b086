import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";

import { App } from "~/app/App";
import { NotFound, PageError } from "~/app/PageError";
import { parsePlain, stringifyPlain } from "~/app/plainSearch";
import {
  alertsSearch,
  anomaliesSearch,
  exploreSearch,
  jobsSearch,
  patternsSearch,
  ruleSearch,
  triageSearch,
  uploadSearch,
} from "~/app/searches";

const root = createRootRoute({
  component: App,
  notFoundComponent: NotFound,
  errorComponent: PageError,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: (): void => {
    throw redirect({ to: "/sources" });
  },
});

const sources = createRoute({
  getParentRoute: () => root,
  path: "/sources",
  component: lazyRouteComponent(() => import("~/pages/sources/SourcesPage"), "SourcesPage"),
});

const source = createRoute({
  getParentRoute: () => root,
  path: "/sources/$name",
  component: lazyRouteComponent(() => import("~/pages/source/SourcePage"), "SourcePage"),
});

const upload = createRoute({
  getParentRoute: () => root,
  path: "/upload",
  validateSearch: uploadSearch,
  component: lazyRouteComponent(() => import("~/pages/upload/UploadPage"), "UploadPage"),
});

const explore = createRoute({
  getParentRoute: () => root,
  path: "/explore",
  validateSearch: exploreSearch,
  component: lazyRouteComponent(() => import("~/pages/explore/ExplorePage"), "ExplorePage"),
});

const record = createRoute({
  getParentRoute: () => root,
  path: "/records/$id",
  component: lazyRouteComponent(() => import("~/pages/record/RecordPage"), "RecordPage"),
});

const patterns = createRoute({
  getParentRoute: () => root,
  path: "/patterns",
  validateSearch: patternsSearch,
  component: lazyRouteComponent(() => import("~/pages/patterns/PatternsPage"), "PatternsPage"),
});

const template = createRoute({
  getParentRoute: () => root,
  path: "/templates/$source/$id",
  component: lazyRouteComponent(() => import("~/pages/template/TemplatePage"), "TemplatePage"),
});

const anomalies = createRoute({
  getParentRoute: () => root,
  path: "/anomalies",
  validateSearch: anomaliesSearch,
  component: lazyRouteComponent(() => import("~/pages/anomalies/AnomaliesPage"), "AnomaliesPage"),
});

const anomaly = createRoute({
  getParentRoute: () => root,
  path: "/anomalies/$id",
  component: lazyRouteComponent(() => import("~/pages/anomaly/AnomalyPage"), "AnomalyPage"),
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: "/jobs",
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import("~/pages/jobs/JobsPage"), "JobsPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("~/pages/settings/SettingsPage"), "SettingsPage"),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: "/alerts",
  validateSearch: alertsSearch,
  component: lazyRouteComponent(() => import("~/pages/alerts/AlertsPage"), "AlertsPage"),
});

const rule = createRoute({
  getParentRoute: () => root,
  path: "/alerts/$id",
  validateSearch: ruleSearch,
  component: lazyRouteComponent(() => import("~/pages/rule/RulePage"), "RulePage"),
});

const triage = createRoute({
  getParentRoute: () => root,
  path: "/triage",
  validateSearch: triageSearch,
  component: lazyRouteComponent(() => import("~/pages/triage/TriagePage"), "TriagePage"),
});

const reports = createRoute({
  getParentRoute: () => root,
  path: "/reports",
  component: lazyRouteComponent(() => import("~/pages/reports/ReportsPage"), "ReportsPage"),
});

const plan = createRoute({
  getParentRoute: () => root,
  path: "/reports/plans/$id",
  component: lazyRouteComponent(() => import("~/pages/plan/PlanPage"), "PlanPage"),
});

const report = createRoute({
  getParentRoute: () => root,
  path: "/reports/$id",
  component: lazyRouteComponent(() => import("~/pages/report/ReportPage"), "ReportPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    sources,
    source,
    upload,
    explore,
    record,
    patterns,
    template,
    anomalies,
    anomaly,
    jobs,
    settings,
    triage,
    alerts,
    rule,
    reports,
    plan,
    report,
  ]),
  parseSearch: parsePlain,
  stringifySearch: stringifyPlain,
  defaultPreload: "intent",
  defaultErrorComponent: PageError,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
